import { once } from 'node:events';
import { createServer } from 'node:http';
import { app } from './company';
import type { Client } from './client';

export interface ChatMessage {
  to: string; // user id at WeCom
  text: string;
}

// WeCom is the peer as far as an application that speaks to members knows it.
export interface WeCom {
  url: string;
  messages: ChatMessage[];
  to: (user: string, about: string) => ChatMessage[];
  close: () => Promise<void>;
}

const secret = 'the secret of the application';

// openWeCom is WeCom on loopback: it gives a token for the secret and takes messages with it.
export async function openWeCom(): Promise<WeCom> {
  const messages: ChatMessage[] = [];
  const server = createServer((request, response) => {
    const at = new URL(request.url ?? '', 'http://wecom');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(answer(at, Buffer.concat(chunks).toString('utf8'))));
    });
  });
  const answer = ({ pathname, searchParams }: URL, body: string): object => {
    if (pathname === '/cgi-bin/gettoken') return searchParams.get('corpsecret') === secret ? { errcode: 0, errmsg: 'ok', access_token: 'token', expires_in: 7200 } : { errcode: 40001, errmsg: 'invalid credential' };
    if (searchParams.get('access_token') !== 'token') return { errcode: 40014, errmsg: 'invalid access_token' };
    const { touser, text } = JSON.parse(body) as { touser: string; text: { content: string } };
    messages.push({ to: touser, text: text.content });
    return { errcode: 0, errmsg: 'ok', msgid: String(messages.length) };
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('WeCom has no port');
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    messages,
    to: (user, about) => messages.filter(({ to, text }) => to === user && text.includes(about)),
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

// connect sets the app's WeCom channel up as an administrator does.
export async function connect(admin: Client, { url }: WeCom): Promise<void> {
  const channel = `/apps/${app}/definitions/channel/wecom`;
  await admin.put(`/apps/${app}/secrets/wecom.appSecret`, { value: secret });
  await admin.change(channel, (there) => ({ ...there, wecom: { corpId: 'ww1', agentId: 1000002, appSecret: 'wecom.appSecret', baseUrl: url } }));
  await admin.post(`${channel}/publish`, {});
}
