import type { FaultSection } from '../section.ts';

/** Native set-up: rows C1 to C13. */
export const setUp: FaultSection = {
  title: 'Native set-up',
  rows: [
    {
      id: 'C1',
      fault: 'one byte of the wheel differs',
      exit: '65',
      says: 'expected, actual SHA-256',
      afterwards: 'nothing unpacked',
    },
    {
      id: 'C2',
      fault: 'no Python or pip',
      exit: '69',
      says: 'what to install',
      afterwards: '',
    },
    {
      id: 'C3',
      fault: 'PyPI unreachable',
      exit: '69',
      says: '`--wheel FILE` for offline',
      afterwards: 'working library untouched',
    },
    {
      id: 'C4',
      fault: 'unsupported OS, CPU or libc (musl)',
      exit: '69',
      says: 'the triple found, the triples known',
      afterwards: '',
    },
    {
      id: 'C5',
      fault: 'no compiler (make and node-gyp are not needed)',
      exit: '69',
      says: 'what is missing',
      afterwards: '',
    },
    {
      id: 'C6',
      fault: 'zip member `../x`, absolute, symlink; zip bomb',
      exit: '65',
      says: 'member name, escaped',
      afterwards: 'nothing outside staging; size cap',
    },
    {
      id: 'C7',
      fault: '`kill -9` between unpack, build, activate',
      exit: '',
      says: '',
      afterwards: 'staging folder + one rename; next run finishes',
    },
    {
      id: 'C8',
      fault: 'addon built for another Node or N-API level',
      exit: '69',
      says: 'built for, running on; `setup --rebuild`',
      afterwards: '',
    },
    {
      id: 'C9',
      fault: '`.so` truncated or wrong architecture',
      exit: '65',
      says: 'probe failed',
      afterwards: 'loaded first in a child; main process never crashes',
    },
    {
      id: 'C10',
      fault: 'CPU without AVX (SIGILL on load)',
      exit: '69',
      says: 'CPU lacks AVX',
      afterwards: 'child probe reads the signal',
    },
    {
      id: 'C11',
      fault: 'two set-ups at once',
      exit: '0 + 0',
      says: '',
      afterwards: 'one result, whole',
    },
    {
      id: 'C12',
      fault: 'installed from the tarball, not set up',
      exit: '0 for help, version; 69 for train',
      says: 'run `mnist-cnn setup` (in a bare clone: run `npm start`)',
      afterwards: '',
    },
    {
      id: 'C13',
      fault: '`LD_LIBRARY_PATH` points to another libtensorflow',
      exit: '0',
      says: '',
      afterwards: 'the rpath wins: the other one is not loaded',
    },
  ],
};
