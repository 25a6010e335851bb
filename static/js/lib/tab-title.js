// What the tab of the browser says: how much is new, what is on screen, and whose page it is.

const PRODUCT = "Webchat"

let shown = ""
let count = 0

/** @param {string} text what is on screen */
export function setTitle(text) {
  shown = text
  write()
}

/** @param {number} news how many things wait for the person, 0: none */
export function setCount(news) {
  count = news
  write()
}

/** @param {string} text @param {number} news @returns {string} "(3) Leases · Webchat" */
export function tabTitle(text, news) {
  const title = text ? `${text} · ${PRODUCT}` : PRODUCT
  return news > 0 ? `(${news > 99 ? "99+" : news}) ${title}` : title
}

// Before the first title is known, the one that came with the page stands.
function write() {
  const text = shown || withoutFurniture(document.title)
  const title = tabTitle(text, count)
  if (document.title !== title) document.title = title
}

/** @param {string} title as it was written here, or by the server */
function withoutFurniture(title) {
  return title.replace(/^\(\d+\+?\) /, "").replace(new RegExp(`(^| · )${PRODUCT}$`), "")
}
