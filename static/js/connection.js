/* One socket that comes back by itself, and asks for what it missed. */

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
const REFUSED_FROM = 4400;
const REFUSED_TO = 4499;

export class Connection {
  /**
   * path: where the socket listens; version: what the page shows, or null where a list of subjects has none.
   * onState is told "live", "reconnecting" or "off" (refused, such as after signing out).
   */
  constructor(path, { version, onMessage, onState }) {
    this.path = path;
    this.version = version;
    this.onMessage = onMessage;
    this.onState = onState;
    this.failures = 0;
    this.hasBeenLive = false;
  }

  open() {
    const url = new URL(this.path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(url);
    this.socket.addEventListener("message", (event) => this.receive(JSON.parse(event.data)));
    this.socket.addEventListener("close", (event) => this.closed(event.code));
  }

  receive(message) {
    if (message.type === "hello") this.greeted(message);
    else this.onMessage(message);
    if (message.version !== undefined) this.version = message.version;
  }

  greeted({ version }) {
    const isBehind = version === undefined ? this.hasBeenLive : this.version !== null && this.version !== version;
    if (isBehind) this.socket.send(JSON.stringify({ type: "resume", version: this.version ?? 0 }));
    this.failures = 0;
    this.hasBeenLive = true;
    this.onState("live", isBehind);
  }

  closed(code) {
    if (code >= REFUSED_FROM && code <= REFUSED_TO) {
      this.onState("off");
      return;
    }
    this.onState("reconnecting");
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.failures += 1;
    // Half of the wait is random, so that a restarted server is not met by everybody at once.
    setTimeout(() => this.open(), wait / 2 + (Math.random() * wait) / 2);
  }
}
