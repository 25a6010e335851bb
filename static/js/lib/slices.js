// Long work in short pieces, so that the page answers in between.

/** ms. Half a frame: the browser needs the rest for layout. */
const SLICE = 8

export class Slice {
  #end = performance.now() + SLICE

  get isOver() {
    return performance.now() >= this.#end
  }
}

/** @returns {Promise<void>} after whatever the page had to do first */
export function nextSlice() {
  const { scheduler } = /** @type {any} */ (globalThis)
  return scheduler?.yield ? scheduler.yield() : new Promise((resolve) => setTimeout(resolve))
}

/** One after the other, each when the page has nothing better to do. @param {(() => unknown)[]} tasks */
export function whenIdle([task, ...others]) {
  if (!task) return
  const run = () => (task(), whenIdle(others))
  "requestIdleCallback" in globalThis ? requestIdleCallback(run) : setTimeout(run, 200)
}
