// Everything works without this file; it saves a press here and there.
import { initAll } from 'NHSUK_FRONTEND'

initAll()

const BACKGROUND = { 'X-Background': '1', Accept: 'application/json' }
const AUTOSAVE_AFTER = 1500
const NOT_CONNECTED = 'Not saved yet: no connection. What you typed is still here.'

/** Save a form in the background, a moment after the last key, and say so under it. */
class Autosave {
  constructor (form) {
    this.form = form
    this.status = form.querySelector('[data-autosave-status]')
    this.timer = null
    this.running = null
    this.waiting = false
    form.addEventListener('input', () => this.later())
    form.addEventListener('submit', event => this.submit(event))
    window.addEventListener('online', () => { if (this.waiting) this.save() })
    document.addEventListener('visibilitychange', () => { if (document.hidden && this.waiting) this.save() })
  }

  /** Without a connection the browser would leave the page for one that says so, and take the text with it. */
  submit (event) {
    clearTimeout(this.timer)
    if (navigator.onLine) { this.waiting = false; return }
    event.preventDefault()
    event.stopImmediatePropagation()
    this.say(NOT_CONNECTED)
  }

  later () {
    this.waiting = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), AUTOSAVE_AFTER)
  }

  async save () {
    if (this.running) return this.later()
    clearTimeout(this.timer)
    this.waiting = false
    this.say('Saving')
    this.running = fetch(this.form.action || location.href, {
      method: 'POST', body: new FormData(this.form), headers: BACKGROUND, credentials: 'same-origin', redirect: 'error',
      keepalive: document.hidden
    })
    try {
      const answer = await this.running
      const body = await answer.json()
      if (!answer.ok) return this.say(body.message || 'Not saved. Press the button to try again.')
      this.keepVersion(body)
      this.say(body.message)
    } catch {
      this.waiting = true
      this.say(NOT_CONNECTED)
    } finally {
      this.running = null
    }
  }

  keepVersion (body) {
    for (const name of ['version', 'form_key']) {
      const field = this.form.elements[name]
      if (field && body[name] !== undefined) field.value = body[name]
    }
  }

  say (text) {
    if (this.status) this.status.textContent = text
  }
}

/** Say at 25 minutes that the session ends at 30, with a button to stay. */
function warnOfSessionEnd (dialog) {
  const after = Number(dialog.dataset.warnAfter) * 1000
  let timer = setTimeout(() => dialog.showModal(), after)
  dialog.querySelector('[data-stay]').addEventListener('click', async () => {
    const answer = await fetch(dialog.dataset.stay, { method: 'POST', headers: { 'X-CSRFToken': dialog.dataset.token } })
    if (!answer.ok) return location.reload()
    dialog.close()
    clearTimeout(timer)
    timer = setTimeout(() => dialog.showModal(), after)
  })
}

/** A second press within a few seconds does nothing; the server would not mind either. */
function ignoreDoublePress (form) {
  form.addEventListener('submit', event => {
    if (form.dataset.sent) return event.preventDefault()
    form.dataset.sent = '1'
    setTimeout(() => delete form.dataset.sent, 4000)
  })
}

/** On a page for the projector: the keys of a keyboard, or of a presenter's remote control, follow its links. */
function followKeys (links) {
  document.querySelectorAll('[data-keys]').forEach(help => { help.hidden = false })
  document.addEventListener('keydown', event => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches('input, textarea, select')) return
    const link = links.find(one => one.dataset.key.split(' ').includes(event.key))
    if (!link) return
    event.preventDefault()
    link.click()
  })
}

/** Say beside each item of a meeting how many minutes are left; the times themselves stand there without this. */
function keepTime (slots) {
  const say = () => slots.forEach((slot, number) => {
    const begins = number ? Date.parse(slots[number - 1].dataset.ends) : -Infinity
    const left = Math.ceil((Date.parse(slot.dataset.ends) - Date.now()) / 60000)
    const running = Date.now() >= begins && left > 0
    slot.querySelector('[data-left]').textContent = running ? `Now: ${left} ${left === 1 ? 'minute' : 'minutes'} left.` : ''
  })
  say()
  setInterval(say, 5000)
}

/** Where something is still being worked on: load the page once more as soon as that has changed, and not before. */
function lookAgain (note) {
  const timer = setInterval(async () => {
    const answer = await fetch(location.href, { headers: BACKGROUND, redirect: 'error' }).catch(() => null)
    if (!answer || !answer.ok || (await answer.text()).includes('data-look-again')) return
    clearInterval(timer)
    location.reload()
  }, Number(note.dataset.lookAgain) * 1000)
}

const keyed = [...document.querySelectorAll('[data-key]')]
if (keyed.length) followKeys(keyed)
const slots = [...document.querySelectorAll('[data-ends]')]
if (slots.length) keepTime(slots)
document.querySelectorAll('form[data-autosave]').forEach(form => new Autosave(form))
document.querySelectorAll('form[method="post"]').forEach(ignoreDoublePress)
document.querySelectorAll('[data-look-again]').forEach(lookAgain)
const dialog = document.getElementById('session-warning')
if (dialog) warnOfSessionEnd(dialog)
document.querySelectorAll('[data-print]').forEach(button => {
  button.hidden = false
  button.addEventListener('click', () => window.print())
})
