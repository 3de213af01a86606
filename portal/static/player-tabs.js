/* Tabs of one browser tell each other at once who took the attempt over; other devices are told by the server. */

export class Tabs {
  constructor(attempt, overtaken) {
    this.attempt = attempt;
    this.epoch = 0;
    if (!("BroadcastChannel" in window)) return;
    this.channel = new BroadcastChannel("mingfa-exam");
    this.channel.onmessage = ({ data }) => {
      if (data.attempt === attempt && data.epoch > this.epoch) overtaken();
    };
  }

  claim(epoch) {
    this.epoch = epoch;
    if (this.channel) this.channel.postMessage({ attempt: this.attempt, epoch });
  }
}
