// The share links of one conversation, as somebody who may make them sees and changes them. Knows nothing of the DOM.

/** @typedef {{title: string, messages: PreviewedMessage[], findings: Finding[], more: boolean, people: number, digest: string}} SharePreview more: there may be other findings */

/** "changed" when there is another link, or one that is off. */
export class ShareLinks extends EventTarget {
  /** @type {Share[]} newest first */
  shares = []
  /** @type {SharePolicy} */
  policy = { public_links: true, longest_link_days: null, password_required: false }
  /** The link that was just made. @type {Id | null} */
  made = null
  #asked = 0
  #api
  #path

  /** @param {Id} conversation @param {Pick<import("lib/api.js").Api, "get" | "post" | "delete">} api */
  constructor(conversation, api) {
    super()
    this.#api = api
    this.#path = `conversations/${conversation}/shares`
  }

  /** Ask which there are. An answer that was asked for before something else was done or asked says nothing. */
  async load() {
    const asked = ++this.#asked
    const { items, policy } = await this.#api.get(this.#path)
    if (asked !== this.#asked || isAlike([items, policy], [this.shares, this.policy])) return
    this.policy = policy
    this.#show(items)
  }

  /** What a link would show, before there is one. @param {object} body @returns {Promise<SharePreview>} */
  preview(body) {
    return this.#api.post(`${this.#path}/preview`, body)
  }

  // Sent once: a second link that nobody sees would be worse than a failure that somebody does.
  /** @param {object} body @returns {Promise<Share>} */
  async create(body) {
    const share = await this.#api.post(this.#path, body, { tries: 1 })
    this.made = share.id
    this.#show([share, ...this.shares.filter(({ id }) => id !== share.id)])
    return share
  }

  /** @param {Id} id */
  async revoke(id) {
    await this.#api.delete(`shares/${id}`)
    this.#show(this.shares.map((share) => (share.id === id ? { ...share, state: "revoked" } : share)))
  }

  /** @param {Share[]} shares */
  #show(shares) {
    this.#asked++
    this.shares = shares
    this.dispatchEvent(new Event("changed"))
  }
}

/** @param {unknown} one @param {unknown} other */
function isAlike(one, other) {
  return JSON.stringify(one) === JSON.stringify(other)
}
