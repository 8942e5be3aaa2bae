/** A fault, and what the program does about it. Its tests carry the number in their titles: "refuses ... (A3)". */
export interface FaultRow {
  /** Section and number: `A3`. */
  readonly id: string;
  readonly fault: string;
  /** The exit code, or several in words. */
  readonly exit: string;
  /** What the message says. */
  readonly says: string;
  /** What is there afterwards. */
  readonly afterwards: string;
  /** Why no test drives it here. */
  readonly untested?: string;
}

/** The faults of one kind. */
export interface FaultSection {
  readonly title: string;
  readonly rows: readonly FaultRow[];
}
