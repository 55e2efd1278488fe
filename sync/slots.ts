/** How many calls one process has open towards a backend at once: of each legal entity, and in all. */
export interface Calls {
  perChannel: number;
  perBackend: number;
}

/**
 * Who may call a backend now. A channel that hangs keeps its own calls and no more; and the last one a backend has left is for a channel
 * that has none, so that one legal entity's trouble never closes the door on another.
 */
export class Slots {
  private readonly open = new Map<string, number>();
  private total = 0;
  private channels = 0;
  private queue: { channel: string; start: () => void }[] = [];

  constructor(private readonly calls: Calls) {}

  /** How many channels share the backend. */
  share(channels: number): void {
    this.channels = channels;
  }

  /** Resolves when the channel may make a call, with what ends it. */
  acquire(channel: string): Promise<() => void> {
    return new Promise((resolve) => {
      this.queue.push({ channel, start: () => resolve(() => this.release(channel)) });
      this.next();
    });
  }

  private release(channel: string): void {
    const open = this.open.get(channel)! - 1;
    if (open === 0) this.open.delete(channel);
    else this.open.set(channel, open);
    this.total--;
    this.next();
  }

  private next(): void {
    if (this.total === this.calls.perBackend) return;
    const index = this.queue.findIndex(({ channel }) => this.mayStart(channel));
    if (index < 0) return;
    const [{ channel, start }] = this.queue.splice(index, 1) as [{ channel: string; start: () => void }];
    this.open.set(channel, (this.open.get(channel) ?? 0) + 1);
    this.total++;
    start();
    this.next();
  }

  private mayStart(channel: string): boolean {
    const open = this.open.get(channel) ?? 0;
    const isLast = this.total === this.calls.perBackend - 1;
    return open < this.calls.perChannel && !(isLast && open > 0 && this.channels > 1);
  }
}

/** A lane that takes longer is not one to claim ahead of. */
const QUICK_MS = 100;
const WINDOW_MAX = 56;

/**
 * How many lanes of each channel a process has in hand. Lanes are claimed ahead of the calls they will make, so that a slot never waits for the
 * database; where lanes are quick the window widens, and a channel that hangs keeps what it has and gets no more.
 */
export class Hands {
  private readonly channels = new Map<string, { lanes: number; window: number }>();
  /** Lanes in hand of all channels. */
  full = 0;
  private readonly windowMin: number;

  constructor(perChannel: number) {
    this.windowMin = perChannel * 3; // calling, being settled, ready to call
  }

  /** Lanes of a channel that may be claimed now. */
  room(channel: string): number {
    const { lanes, window } = this.of(channel);
    return Math.max(window - lanes, 0);
  }

  take(channel: string): void {
    this.of(channel).lanes++;
    this.full++;
  }

  /** Ends a lane; returns whether there is room worth a claim. */
  release(channel: string, tookMs: number): boolean {
    const hand = this.of(channel);
    hand.lanes--;
    this.full--;
    hand.window = tookMs < QUICK_MS ? Math.min(hand.window + 1, Math.max(WINDOW_MAX, this.windowMin)) : Math.max(hand.window >> 1, this.windowMin);
    if (hand.lanes === 0 && hand.window === this.windowMin) this.channels.delete(channel);
    return hand.lanes === 0 || hand.window - hand.lanes >= hand.window >> 2;
  }

  private of(channel: string): { lanes: number; window: number } {
    let hand = this.channels.get(channel);
    if (!hand) this.channels.set(channel, (hand = { lanes: 0, window: this.windowMin }));
    return hand;
  }
}
