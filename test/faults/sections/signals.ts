import type { FaultSection } from '../section.ts';

/** Signals: rows H1 to H12. */
export const signals: FaultSection = {
  title: 'Signals',
  rows: [
    {
      id: 'H1',
      fault: 'SIGINT in training',
      exit: '130',
      says: 'within 200 ms or one step: "saving, Ctrl-C again to quit at once"',
      afterwards: 'checkpoint at the current step, within 10 s',
    },
    {
      id: 'H2',
      fault: 'second SIGINT',
      exit: '130 at once',
      says: '',
      afterwards: 'last durable checkpoint',
    },
    { id: 'H3', fault: 'SIGTERM', exit: '143 within 10 s', says: 'same', afterwards: 'same' },
    {
      id: 'H4',
      fault: 'SIGHUP, terminal gone',
      exit: '129',
      says: '',
      afterwards: 'checkpoint; no EIO/EPIPE crash',
    },
    {
      id: 'H5',
      fault: 'SIGKILL at random times',
      exit: '137',
      says: '',
      afterwards: 'resume bit-exact from the last durable checkpoint',
    },
    {
      id: 'H6',
      fault: 'SIGSTOP 60 s, SIGCONT',
      exit: '0',
      says: '',
      afterwards: 'same weights; no false timeout',
    },
    {
      id: 'H7',
      fault: 'SIGINT during a save',
      exit: '130',
      says: '',
      afterwards: 'the save completes or is dropped, never torn',
    },
    {
      id: 'H8',
      fault: 'SIGINT during evaluate, predict, also while a decoder loops or no picture comes',
      exit: '130 within 1 s',
      says: '',
      afterwards: 'no partial output file',
    },
    {
      id: 'H9',
      fault: 'JS heap exhausted (134), OOM killer (137)',
      exit: '',
      says: '',
      afterwards: 'resume works',
    },
    {
      id: 'H10',
      fault: 'uncaught exception, unhandled rejection',
      exit: '1',
      says: '"this is a bug", version, where the log is',
      afterwards: 'old state',
    },
    {
      id: 'H11',
      fault: 'native abort or segfault in the inference child',
      exit: '',
      says: 'request gets 500',
      afterwards: 'child restarted ≤ 1 s, at most 5 a minute',
      untested: 'there is no inference child: predict and eval compute in their own process',
    },
    {
      id: 'H12',
      fault: "top-level await never settles (Node's 13)",
      exit: 'never',
      says: '',
      afterwards: 'CI greps for 13',
    },
  ],
};
