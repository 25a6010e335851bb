// What the elements of the spending page share: the API, and doing something with words about how it went.

import { Api } from "lib/api.js"
import { emit, find } from "lib/dom.js"
import { wordsOf } from "lib/trouble.js"
import { partsOf, sparkPaths, STATES } from "models/spend-amounts.js"

export const api = new Api({ signedOut: () => location.reload() })
const shortTime = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })
const shortDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" })

/** @param {string} at */
export function timeOf(at) {
  return shortTime.format(new Date(at))
}

/** @param {string} day "2026-11-21" */
export function dayOf(day) {
  return shortDay.format(new Date(`${day}T00:00:00Z`))
}

/** Do it, say so, and let the page load what changed. @param {Promise<unknown>} doing @param {string} words */
export async function act(doing, words) {
  try {
    await doing
    emit(document, "toast.shown", { text: words })
  } catch (error) {
    emit(document, "toast.shown", { text: wordsOf(error), tone: "bad" })
  }
  emit(document, "spend.changed")
}

/** @param {HTMLElement} chip @param {string} state */
export function drawState(chip, state) {
  const { word, tone } = STATES[state]
  chip.textContent = word
  setTone(chip, tone)
}

/** @param {HTMLElement} element @param {string} tone */
export function setTone(element, tone) {
  if (tone) element.dataset.tone = tone
  else delete element.dataset.tone
}

/** @param {HTMLElement} meter @param {Counters} row @param {string} state @param {string} label */
export function drawMeter(meter, row, state, label) {
  const { spent, held } = partsOf(row)
  find(meter, ".spent").setAttribute("width", `${spent}%`)
  find(meter, ".held").setAttribute("x", `${spent}%`)
  find(meter, ".held").setAttribute("width", `${held}%`)
  meter.setAttribute("aria-valuenow", String(Math.round(spent + held)))
  meter.setAttribute("aria-label", label)
  meter.toggleAttribute("data-live", held > 0)
  setTone(meter, ["near", "out", "over", "blocked"].includes(state) ? STATES[state].tone : "")
}

/** @param {Element} spark @param {number[]} values @param {string} label */
export function drawSpark(spark, values, label) {
  const { line, area } = sparkPaths(values)
  find(spark, ".area").setAttribute("d", area)
  find(spark, "path:last-of-type").setAttribute("d", line)
  spark.setAttribute("aria-label", label)
}

/** @param {Element} list @param {[string, string][]} pairs */
export function drawFacts(list, pairs) {
  list.replaceChildren(...pairs.flatMap(([term, words]) => [made("dt", term), made("dd", words)]))
}

/** @param {string} name @param {string} words @param {string} [kind] a class */
export function made(name, words, kind = "") {
  const element = document.createElement(name)
  element.textContent = words
  if (kind) element.className = kind
  return element
}
