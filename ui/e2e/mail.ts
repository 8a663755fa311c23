import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  to: string[];
  subject: string;
  text: string; // its plain body
}

export interface Mailbox {
  port: number;
  mails: Mail[];
  to: (address: string, about: string) => Mail[];
  close: () => Promise<void>;
}

// openMailbox is a real SMTP server that takes every mail and keeps it.
export async function openMailbox(): Promise<Mailbox> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const message = Buffer.concat(chunks).toString('utf8');
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), subject: subjectOf(message), text: textOf(message) });
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the mailbox has no port');
  return {
    port: address.port,
    mails,
    to: (who, about) => mails.filter(({ to, subject }) => to.includes(who) && subject.includes(about)),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

// subjectOf reads the subject as a person does: unfolded, its encoded words decoded.
function subjectOf(message: string): string {
  const head = message.slice(0, message.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  const raw = /^Subject: (.*)$/im.exec(head)?.[1] ?? '';
  return raw.replace(/(?<=\?=) (?==\?)/g, '').replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, how: string, text: string) => {
    if (how.toLowerCase() === 'b') return Buffer.from(text, 'base64').toString('utf8');
    const bytes = text.replaceAll('_', ' ').replace(/=([0-9A-F]{2})/gi, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    return Buffer.from(bytes, 'latin1').toString('utf8');
  });
}

// textOf reads the plain body, which comes in base64.
function textOf(message: string): string {
  const body = /^Content-Type: text\/plain[^]*?\r\n\r\n([^]*?)\r\n--/im.exec(message)?.[1] ?? '';
  return Buffer.from(body, 'base64').toString('utf8');
}

// quickLink is the quick link that a message carries; undefined when it carries none.
export const quickLink = ({ text }: { text: string }): string | undefined => /https?:\/\/[^\s"<>()]+\/q\/[a-z0-9-]+/.exec(text)?.[0];
