// Everything works without this file; it saves a press here and there.
import { initAll } from 'NHSUK_FRONTEND'

initAll()

const BACKGROUND = { 'X-Background': '1', Accept: 'application/json' }
const AUTOSAVE_AFTER = 1500

/** Save a form in the background, a moment after the last key, and say so under it. */
class Autosave {
  constructor (form) {
    this.form = form
    this.status = form.querySelector('[data-autosave-status]')
    this.timer = null
    this.running = null
    form.addEventListener('input', () => this.later())
    form.addEventListener('submit', () => clearTimeout(this.timer))
  }

  later () {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), AUTOSAVE_AFTER)
  }

  async save () {
    if (this.running) return this.later()
    this.say('Saving')
    this.running = fetch(this.form.action || location.href, {
      method: 'POST', body: new FormData(this.form), headers: BACKGROUND, credentials: 'same-origin', redirect: 'error'
    })
    try {
      const answer = await this.running
      const body = await answer.json()
      if (!answer.ok) return this.say(body.message || 'Not saved. Press the button to try again.')
      this.keepVersion(body)
      this.say(body.message)
    } catch {
      this.say('Not saved yet: no connection. What you typed is still here.')
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

document.querySelectorAll('form[data-autosave]').forEach(form => new Autosave(form))
document.querySelectorAll('form[method="post"]').forEach(ignoreDoublePress)
const dialog = document.getElementById('session-warning')
if (dialog) warnOfSessionEnd(dialog)
document.querySelectorAll('[data-print]').forEach(button => {
  button.hidden = false
  button.addEventListener('click', () => window.print())
})
