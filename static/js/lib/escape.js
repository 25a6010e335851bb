/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

/** @param {string} text @returns {string} the text as HTML that shows it, in an element or an attribute */
export function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (mark) => ENTITIES[mark])
}
