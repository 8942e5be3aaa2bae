import type { FaultSection } from '../section.ts';

/** Disk and process limits: rows G1 to G10. */
export const limits: FaultSection = {
  title: 'Disk and process limits',
  rows: [
    {
      id: 'G1',
      fault: 'ENOSPC, EDQUOT, EIO, EROFS at the Nth operation, once and permanently, every command',
      exit: '74 (73 if nothing began)',
      says: 'operation, path, errno in words',
      afterwards: 'old state; no temp; second run succeeds',
    },
    {
      id: 'G2',
      fault: 'EMFILE, ENFILE',
      exit: '74',
      says: 'open-file limit',
      afterwards: '',
    },
    {
      id: 'G3',
      fault: 'temp on another filesystem (EXDEV)',
      exit: 'cannot occur',
      says: '',
      afterwards: 'temp always beside the target',
    },
    {
      id: 'G4',
      fault: 'ENAMETOOLONG for something to write',
      exit: '73',
      says: 'the name is too long; before any work begins',
      afterwards: 'nothing made',
    },
    {
      id: 'G5',
      fault: 'run folder deleted during training',
      exit: '74',
      says: 'what was lost, last step',
      afterwards: 'one attempt to recreate, then stop',
    },
    {
      id: 'G6',
      fault: 'file-size limit (`ulimit -f`)',
      exit: '74',
      says: '',
      afterwards: 'not killed by SIGXFSZ',
    },
    {
      id: 'G7',
      fault: 'history log cut mid-line by a crash',
      exit: '0',
      says: '',
      afterwards: 'reader drops the last partial line, writer starts a new one',
    },
    {
      id: 'G8',
      fault: 'history log cannot be written',
      exit: '74',
      says: '',
      afterwards: 'same policy as the checkpoint',
    },
    {
      id: 'G9',
      fault: 'memory limit (cgroup, `ulimit -v`)',
      exit: '71 or 137',
      says: '',
      afterwards: 'resume works afterwards',
    },
    {
      id: 'G10',
      fault: 'clock set back by a day',
      exit: '0',
      says: '',
      afterwards: 'order by step, never by mtime',
    },
  ],
};
