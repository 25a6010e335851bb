// crypto.randomUUID exists only on https and localhost; a team may run this on plain http in its own network.

/** @returns {string} a random version 4 UUID */
export function uuid() {
  return crypto.randomUUID?.() ?? format(crypto.getRandomValues(new Uint8Array(16)))
}

/** @param {Uint8Array} bytes 16 random bytes */
export function format(bytes) {
  const marked = bytes.map((byte, at) => (at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte))
  const hex = Array.from(marked, (byte) => byte.toString(16).padStart(2, "0")).join("")
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}
