/** A source of time, passed in so that tests can turn the hands. */
export interface Clock {
  /** Milliseconds of a steady counter that no clock change moves. */
  readonly nowMs: () => number;
  /** The date and time, for humans. */
  readonly today: () => Date;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  today: () => new Date(),
};

/** 75000 -> "1 min 15 s"; 1234 -> "1.2 s". */
export function formatDuration(elapsedMs: number): string {
  if (elapsedMs < 9950) return `${(elapsedMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(elapsedMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
