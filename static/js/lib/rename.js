/**
 * Put a field in the place of a title. It ends with the event "title.ended" {title}, null: nothing changed.
 * @param {HTMLElement} place @param {string} title
 */
export function renameInPlace(place, title) {
  if (place.nextElementSibling?.localName === "title-editor") return
  const editor = document.createElement("title-editor")
  editor.dataset.title = title
  place.hidden = true
  place.after(editor)
}
