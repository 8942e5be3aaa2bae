// Has setup take another file for TensorFlow's wheel: WHEEL is JSON, its hash and sizes. TRIAL is what runs in place of Node where
// library and addons are tried.
import { findWheel } from '../../../setup/platforms.mjs';

Object.assign(findWheel(), JSON.parse(process.env.WHEEL));
if (process.env.TRIAL !== undefined) process.execPath = process.env.TRIAL;
