// What a message costs at a price, as the server works it out: pico-dollars a token, rounded up to micro-dollars.

import { exactly } from "models/spend-amounts.js"

/** @typedef {Pick<Price, "prompt" | "output" | "long_prompt_tokens" | "long_prompt" | "long_output">} Rates */

/** @param {Rates} price @param {{prompt: number, output: number}} tokens @returns {number} micro-dollars */
export function sampleCost(price, { prompt, output }) {
  const isLong = price.long_prompt_tokens !== null && prompt > price.long_prompt_tokens
  const pico = prompt * (isLong ? price.long_prompt : price.prompt) + output * (isLong ? price.long_output : price.output)
  return Math.ceil(pico / 1e6)
}

/** @param {Rates} price @param {Rates | null} current @param {{prompt: number, output: number}} tokens */
export function simulation(price, current, tokens) {
  const message = `A message of ${tokens.prompt.toLocaleString("en-US")} prompt and ${tokens.output.toLocaleString("en-US")} answer tokens`
  const cost = exactly(sampleCost(price, tokens))
  return current ? `${message} would cost ${cost} instead of ${exactly(sampleCost(current, tokens))}.` : `${message} would cost ${cost}.`
}
