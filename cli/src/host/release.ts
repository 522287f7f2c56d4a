// Buffers that Node made for us, given back at once. Rule: only a buffer with memory of its own, of which nobody else has a
// part, and only when everybody is done with it.
//
// The collector counts such memory late: without this, 50 to 100 MB of sealed pieces and received packets wait for it.

/** Gives a buffer's memory back; it has no bytes afterwards. Does nothing when it is a part of another one. */
export function release(buffer: Buffer): void {
  const memory = buffer.buffer;
  if (buffer.length > 0 && memory.byteLength === buffer.length && memory instanceof ArrayBuffer) memory.transfer(0);
}

/** The same, after everything that was called with the buffer in this turn has returned. */
export function releaseLater(buffer: Buffer): void {
  setImmediate(release, buffer);
}
