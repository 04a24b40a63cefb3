package arena

import "math/bits"

const (
	// PageSize is the unit of the page heap in bytes.
	PageSize = 8 << 10
	// pageBytes is what the heap keeps of each page.
	pageBytes = 32
	// MaxSmall is the largest block in bytes that comes from a shared span;
	// larger ones get pages of their own.
	MaxSmall = 32 << 10

	fineStep   = 8   // classes are 8 bytes apart up to fineMax,
	fineMax    = 512 // then 8 to a doubling: at most 11 % lost, 5.5 % on average
	fineCount  = fineMax / fineStep
	perDouble  = 8
	classCount = fineCount + 1 + 6*perDouble // 512 B to 32 KiB are 6 doublings
)

// classOf is the smallest class whose blocks hold n bytes, 1 <= n <= MaxSmall.
func classOf(n int) int {
	if n <= fineMax {
		return (n + fineStep - 1) / fineStep
	}
	exp := bits.Len(uint(n-1)) - 1 // 2^exp < n <= 2^(exp+1)
	step := 1 << (exp - 3)
	return fineCount + (exp-9)*perDouble + (n-1-(1<<exp))/step + 1
}

// classSize is the block size of a class in bytes, a multiple of 8.
func classSize(class int) int {
	if class <= fineCount {
		return class * fineStep
	}
	class -= fineCount + 1
	exp := 9 + class/perDouble
	return 1<<exp + (class%perDouble+1)<<(exp-3)
}

// spanPages is how many pages a span of the class has: the fewest multiple of
// step that holds two blocks and wastes at most a thirty-second on its tail.
func spanPages(class, step int) int {
	size := classSize(class)
	for pages := step; ; pages += step {
		if total := pages * PageSize; total >= 2*size && total%size <= total/32 {
			return pages
		}
	}
}

// Round is the number of bytes that Alloc really takes for n, n >= 1. Two
// sizes with the same Round fit the same block.
func Round(n int) int {
	if n <= MaxSmall {
		return classSize(classOf(n))
	}
	return largePages(n) * PageSize
}

// largePages is how many pages a block of n > MaxSmall bytes takes. Sizes are
// rounded to 16 steps per doubling, so that a value that grows by appending is
// moved only each time it has grown by a sixteenth.
func largePages(n int) int {
	exp := bits.Len(uint(n-1)) - 1
	step := max(1<<(exp-4), PageSize)
	return (n + step - 1) / step * step / PageSize
}
