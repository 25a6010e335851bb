// Makes what is on the page equal to what was drawn anew, touching only what differs: selections, scroll positions and the
// focus of everything else survive.

/** @param {Element[]} present siblings, in order @param {Element[]} wanted @param {(element: Element) => void} insert a new one, behind the others @returns {Element[]} */
export function morphAll(present, wanted, insert) {
  for (const surplus of present.slice(wanted.length)) surplus.remove()
  return wanted.map((element, at) => (at < present.length ? morph(present[at], element) : (insert(element), element)))
}

/** @template {Node} T @param {T} present @param {T} wanted @returns {T} which of both is now in the page */
export function morph(present, wanted) {
  if (present.nodeName !== wanted.nodeName) {
    /** @type {ChildNode} */ (/** @type {unknown} */ (present)).replaceWith(wanted)
    return wanted
  }
  if (present instanceof Text && wanted instanceof Text) setData(present, wanted.data)
  if (present instanceof Element && wanted instanceof Element) morphElement(present, wanted)
  return present
}

/** Text that only grew is appended, which leaves a selection in it alone. @param {Text} text @param {string} data */
function setData(text, data) {
  if (data.startsWith(text.data)) {
    if (data.length > text.length) text.appendData(data.slice(text.length))
  } else text.data = data
}

/** @param {Element} present @param {Element} wanted */
function morphElement(present, wanted) {
  for (const { name } of [...present.attributes]) if (!wanted.hasAttribute(name)) present.removeAttribute(name)
  for (const { name, value } of wanted.attributes) if (present.getAttribute(name) !== value) present.setAttribute(name, value)
  const [before, after] = [[...present.childNodes], [...wanted.childNodes]]
  for (const surplus of before.slice(after.length)) surplus.remove()
  after.forEach((node, at) => (at < before.length ? morph(before[at], node) : present.append(node)))
}
