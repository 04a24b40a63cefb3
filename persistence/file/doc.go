// Package file keeps snapshots in one RDB file, which Redis reads and writes
// too: since 7.0, or since 7.4 if fields of hashes expire.
//
// Invariants: the file at the configured path is always a whole snapshot,
// since a new one is written beside it, synced and then renamed over it; only
// this server's own temporary files are ever removed, and not before the
// snapshot has proved to be sound; a damaged file is refused and left as it is,
// and so is all beside it. A file that is gone is not damage: as with Redis, that
// is how one starts empty, and nothing else on disk could tell. The file can be read and written by its owner
// only (mode 0600), because it holds everything the server holds.
//
// Concurrency: see snapshot.Backend: Save and Load are never called at the same
// time, and no two servers may be given the same path.
package file
