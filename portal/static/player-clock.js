/* The server's clock as this page knows it, carried on by performance.now(): the device's own clock is never asked. */

const DRIFT = 1500; // ms between the two local clocks that mean the device slept

export class Clock {
  constructor() {
    this.trip = Infinity;
    this.offset = 0; // seconds from performance.now() to the server's time
    this.deadline = Infinity;
    this.apart = Date.now() - performance.now();
  }

  /* The answer with the shortest way there and back knows best. */
  learn(server, sent, got) {
    if (got - sent > this.trip) return;
    this.trip = got - sent;
    this.offset = server - (sent + got) / 2000;
  }

  /* True once after the device slept: performance.now() may have stood still, so ask the server anew. */
  slept() {
    const apart = Date.now() - performance.now();
    const jumped = Math.abs(apart - this.apart) > DRIFT;
    if (jumped) {
      this.apart = apart;
      this.trip = Infinity;
    }
    return jumped;
  }

  now() {
    return this.offset + performance.now() / 1000;
  }

  left() {
    return this.deadline - this.now();
  }
}

/* 10:32:05 as people in Jilin read it: UTC+8 all year. */
export function hour(seconds) {
  return new Date((seconds + 8 * 3600) * 1000).toISOString().slice(11, 19);
}

export function span(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}
