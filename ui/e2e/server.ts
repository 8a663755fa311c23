import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';

const binary = join(import.meta.dirname, '../../bin/stepwell');

// House is where an installation keeps its data: a folder, or a database of its own on MongoDB.
export interface House {
  args: string[];
  shared: boolean; // several servers may use it at once
  clear: () => Promise<void>;
}

// openHouse takes the MongoDB that STEPWELL_TEST_MONGODB_URI names, else a folder.
export async function openHouse(): Promise<House> {
  const uri = process.env.STEPWELL_TEST_MONGODB_URI;
  if (!uri) {
    const dir = await mkdtemp(join(tmpdir(), 'stepwell-e2e-'));
    return { args: ['--data-dir', dir], shared: false, clear: () => rm(dir, { recursive: true, force: true }) };
  }
  const name = `stepwell_e2e_${randomBytes(6).toString('hex')}`;
  return {
    args: ['--mongodb-uri', uri, '--mongodb-database', name, '--secret-key', randomBytes(32).toString('hex')],
    shared: true,
    clear: async () => {
      const client = await MongoClient.connect(uri);
      await client.db(name).dropDatabase();
      await client.close();
    },
  };
}

// Server is one running copy of the product.
export interface Server {
  url: string;
  setUpToken: string | undefined;
  kill: () => Promise<void>; // as a power cut does
  stop: () => Promise<void>;
  log: () => string;
}

// serve starts a copy whose time stands still until it is moved; it may call peers of the test on this machine.
export async function serve(house: House, smtpPort: number): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const child = spawn(
    binary,
    [
      'serve', '--manual-clock', '--outbound-allow', '127.0.0.0/8', '--listen', `127.0.0.1:${String(port)}`, '--public-url', url, ...house.args,
      '--smtp-host', '127.0.0.1', '--smtp-port', String(smtpPort), '--smtp-tls', 'none', '--smtp-from', 'Stepwell <stepwell@chengyue.example>',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  let setUpToken: string | undefined;
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`stepwell ended with ${String(code)}: ${log}`)));
    child.once('error', reject);
    createInterface(child.stdout).on('line', (line) => {
      setUpToken ??= /\/setup\?token=(\S+)/.exec(line)?.[1];
      if (line.includes('is ready')) resolve();
    });
  });
  return { url, setUpToken, kill: () => end(child, 'SIGKILL'), stop: () => end(child, 'SIGTERM'), log: () => log };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  probe.close();
  await once(probe, 'close');
  return address.port;
}
