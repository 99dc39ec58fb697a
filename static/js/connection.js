/* One socket that comes back by itself, proves that it is alive, and asks for what it missed. */

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
const REFUSED_FROM = 4400;
const REFUSED_TO = 4499;
const TICK_MS = 1000;
const ASK_AFTER_MS = 4000;
const ANSWER_WITHIN_MS = 4500;
const ALIVE_MS = 10_000;

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
    setInterval(() => this.beat(), TICK_MS);
  }

  open() {
    const url = new URL(this.path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.socket = socket;
    this.heardAt = Date.now();
    this.askedAt = this.heardAt;
    this.isWaiting = true;
    socket.addEventListener("message", (event) => {
      if (socket === this.socket) this.receive(JSON.parse(event.data));
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.socket) this.closed(event.code);
    });
  }

  /** Whether the server gave a sign of life just now; a clock that was set back proves nothing. */
  isAlive() {
    const silent = Date.now() - this.heardAt;
    return silent >= 0 && silent < ALIVE_MS;
  }

  /** Ask for a sign of life after a silence; without an answer the socket is dead, whatever it says of itself. */
  beat() {
    if (!this.socket) return;
    const now = Date.now();
    if (this.isWaiting && now - this.askedAt >= ANSWER_WITHIN_MS) this.drop();
    else if (!this.isWaiting && now - this.heardAt >= ASK_AFTER_MS) this.ask(now);
  }

  ask(now) {
    this.isWaiting = true;
    this.askedAt = now;
    this.socket.send(JSON.stringify({ type: "ping" }));
  }

  drop() {
    this.socket.close();
    this.closed();
  }

  receive(message) {
    this.heardAt = Date.now();
    this.isWaiting = false;
    if (message.type === "hello") this.greeted(message);
    else if (message.type !== "pong") this.onMessage(message);
    if (message.version !== undefined) this.version = message.version;
  }

  /** After a gap everything is read afresh: the replay of versions does not tell what was laid over them. */
  greeted({ version }) {
    const isBehind = !this.hasBeenLive && version !== undefined && this.version !== null && this.version !== version;
    const hasGap = this.hasBeenLive;
    if (isBehind) this.socket.send(JSON.stringify({ type: "resume", version: this.version }));
    this.failures = 0;
    this.hasBeenLive = true;
    this.onState("live", isBehind || hasGap);
    if (hasGap) this.onMessage({ type: "resync" });
  }

  closed(code) {
    this.socket = null;
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
