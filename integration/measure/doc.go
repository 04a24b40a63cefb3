// Package measure has what the benchmarks share: samples of latency and what
// they come to, ratios of figures taken in turns, a load at a fixed rate, and
// sockets that cost a load generator little.
//
// Nothing here is safe for use by several goroutines at once.
package measure
