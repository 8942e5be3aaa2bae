import type { FaultSection } from '../section.ts';

/** Two at a time: rows J1 to J9. */
export const concurrency: FaultSection = {
  title: 'Two at a time',
  rows: [
    {
      id: 'J1',
      fault: 'two trainings, one folder',
      exit: '0 and 75 (≤ 1 s)',
      says: 'pid, host, since when',
      afterwards: 'first unaffected',
    },
    {
      id: 'J2',
      fault: 'lock left by `kill -9`',
      exit: '0',
      says: '"taking over from pid n, which is gone"',
      afterwards: '',
    },
    {
      id: 'J3',
      fault: 'pid reused after a reboot',
      exit: '0',
      says: '',
      afterwards: 'identity = pid + start time + boot id',
    },
    {
      id: 'J4',
      fault: 'lock from another host',
      exit: '75',
      says: 'never broken automatically; `--break-lock`',
      afterwards: '',
    },
    {
      id: 'J5',
      fault: 'lock file empty or malformed',
      exit: '75 or taken over after 10 s',
      says: '',
      afterwards: '',
    },
    {
      id: 'J6',
      fault: 'predict, evaluate, serve while training saves',
      exit: '0',
      says: '',
      afterwards: 'old or new whole, 1,000 rounds',
    },
    {
      id: 'J7',
      fault: 'reader opens a checkpoint being pruned',
      exit: '0',
      says: '',
      afterwards: 'retries the newest once',
    },
    {
      id: 'J8',
      fault: 'locks do nothing (patched out)',
      exit: '',
      says: '',
      afterwards: 'files still whole; at worst work done twice',
    },
    {
      id: 'J9',
      fault: 'two servers, one port',
      exit: '69',
      says: 'who may hold it; `--port`',
      afterwards: '',
      untested: 'there is no server yet',
    },
  ],
};
