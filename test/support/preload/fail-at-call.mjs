// FAULT is the JSON that failAtCall takes, with `report`: a file for the list of calls, which is there only where the
// process was not killed.
import fs from 'node:fs';
import { failAtCall } from '../fail-at-call.mjs';

const { report, ...fault } = JSON.parse(process.env.FAULT);
const { calls, restore } = failAtCall(fault);
process.on('exit', () => {
  restore();
  fs.writeFileSync(report, JSON.stringify(calls));
});
