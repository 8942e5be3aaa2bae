import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { currentOwner, isGone } from '../../setup/owner.mjs';
import { createTempFolder } from '../support/folder.ts';

describe.runIf(process.platform === 'linux')('an owner', () => {
  test('that has ended but was not waited for is gone', async () => {
    // The shell becomes a program that never asks for the exit code of the child it started.
    const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
    onTestFinished(() => void shell.kill('SIGKILL'));
    const [line] = await once(shell.stdout, 'data');
    const pid = Number(String(line));
    const nameOf = (of: number | undefined) => fs.readFileSync(`/proc/${of}/comm`, 'utf8').trim();
    await vi.waitFor(() => expect(nameOf(shell.pid)).toBe('sleep'));
    process.kill(pid, 'SIGKILL');
    const stat = () => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    await vi.waitFor(() => expect(stat()[0]).toBe('Z'));
    expect(isGone({ ...currentOwner(), pid, startTime: stat()[19] ?? '' })).toBe(true);
  });

  test('with spaces and brackets in its name is recognized by its start time', async () => {
    const program = path.join(createTempFolder(), 'a) b (c');
    fs.copyFileSync('/bin/sleep', program);
    const child = spawn(program, ['60']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    const line = () => fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    await vi.waitFor(() => expect(line()).toContain('a) b (c'));
    const startTime = line().split(') ').at(-1)?.split(' ')[19] ?? '';
    expect(isGone({ ...currentOwner(), pid: child.pid ?? 0, startTime })).toBe(false);
  });
});
