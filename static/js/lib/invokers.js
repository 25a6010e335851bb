// Buttons with `commandfor` open their dialog by themselves; this does it where a browser does not know that yet.

/** @param {MouseEvent} event */
function openDialog({ target }) {
  const button = /** @type {Element} */ (target).closest("[commandfor][command='show-modal']")
  const dialog = button && document.getElementById(button.getAttribute("commandfor") ?? "")
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal()
}

if (!("commandForElement" in HTMLButtonElement.prototype)) document.addEventListener("click", openDialog)
export {}
