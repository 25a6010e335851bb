// Small helpers for light-DOM elements.

/** @param {string} id @returns {HTMLElement} the first element of the template with that id */
export function fromTemplate(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id))
  const copy = /** @type {DocumentFragment} */ (document.importNode(template.content, true))
  return /** @type {HTMLElement} */ (copy.firstElementChild)
}

/**
 * @param {ParentNode} root @param {string} selector
 * @returns {any} the element, which the template promises
 */
export function find(root, selector) {
  const found = root.querySelector(selector)
  if (!found) throw new Error(`The page has no ${selector}`)
  return found
}

/** @param {EventTarget} from @param {string} type @param {any} [detail] */
export function emit(from, type, detail) {
  return from.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, cancelable: true }))
}

/** Write only what differs, so that a screen reader and the caret are left alone. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** @param {Element} icon an <svg class="icon"> @param {string} name of a symbol in the sprite */
export function setIcon(icon, name) {
  icon.firstElementChild?.setAttribute("href", `#icon-${name}`)
}

/** Whether fingers are the main way to point: there Enter is a new line and the keyboard must not jump up. */
export function isTouch() {
  return matchMedia("(pointer: coarse)").matches
}

export function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches
}

/** @param {Element | null | undefined} element */
export function takesText(element) {
  return Boolean(element?.closest("input, textarea, select, [contenteditable]"))
}

/**
 * Only a few of them are measured: to measure a row that is out of sight is to lay it out.
 * @template {Element} T @param {ArrayLike<T>} rows in order of their place @param {number} edge
 * @returns {number} the place of the first row that ends below the edge; behind the last if none does
 */
export function firstBelow(rows, edge) {
  let [from, to] = [0, rows.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (rows[middle].getBoundingClientRect().bottom > edge) to = middle
    else from = middle + 1
  }
  return from
}

/**
 * `arrange`, and who stood on one of the rows still stands there, or on the list itself if that row is gone.
 * @param {HTMLElement} list @param {Element[]} wanted
 */
export function arrangeUnderFocus(list, wanted) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement)
  const isInside = list.contains(focused)
  arrange(list, wanted)
  if (!isInside || document.activeElement === focused) return
  list.tabIndex = -1
  ;(focused?.checkVisibility() ? focused : list).focus()
}

/**
 * Make the children of `parent` equal to `wanted`, moving as little as possible.
 * @param {Element} parent @param {Element[]} wanted
 */
export function arrange(parent, wanted) {
  let next = parent.firstElementChild
  for (const element of wanted) {
    if (element === next) next = next.nextElementSibling
    else parent.insertBefore(element, next)
  }
  while (next) {
    const after = next.nextElementSibling
    next.remove()
    next = after
  }
}
