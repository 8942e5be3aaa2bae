// As for a user who has no entry in the system's list: Node throws where it is asked for a home.
import os from 'node:os';

delete process.env.HOME;
const refuse = () => {
  throw Object.assign(new Error('A system error occurred: uv_os_homedir returned ENOENT'), {
    code: 'ERR_SYSTEM_ERROR',
  });
};
Object.assign(os, { homedir: () => process.env.HOME ?? refuse(), userInfo: refuse });
