package sys

import (
	"fmt"
	"reflect"
	"unsafe"
)

// View is memory as elements of T, as many as its capacity has room for. b begins
// where a T may, as all memory does that was mapped or allocated for as much as
// 512 bytes. It panics if T holds pointers, which memory outside the Go heap must not.
func View[T any](b []byte) []T {
	if hasPointers(reflect.TypeFor[T]()) {
		var zero T
		panic(fmt.Sprintf("off-heap memory: %T holds Go pointers", zero))
	}
	return Lend[T](b)
}

// Lend is View for a T with pointers. The collector does not see them: what they
// point to must be kept by others for as long as they are used, or be no memory of
// the Go heap. b is zeroed, since what is written over is looked at as a pointer.
func Lend[T any](b []byte) []T {
	var zero T
	n := cap(b) / int(unsafe.Sizeof(zero))
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// SizeOf is that of a T, in bytes.
func SizeOf[T any]() int {
	var zero T
	return int(unsafe.Sizeof(zero))
}
