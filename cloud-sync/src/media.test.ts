import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

import { contentOperations, mediaRowSchema, type Media } from '@foyer/contracts';
import { sha256Hex } from '@foyer/platform/node';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { checkVideo } from './adapters/media/videos.ts';
import { apiKey, call, refusal, theatreNo } from './testing/cloud.ts';
import {
  contentOf,
  item,
  picture,
  putBox,
  putItem,
  putScreens,
  screen,
  upload,
} from './testing/content.ts';
import { databaseKinds } from './testing/databases.ts';
import { endSharedDatabases, useCloud } from './testing/suite.ts';

endSharedDatabases();

/** Every file of the store, staged uploads among them. */
const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** A small file that unpacks to a picture of that size: all of it is one shade. */
function bomb(widthPx: number, heightPx: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((Math.ceil(widthPx / 8) + 1) * Math.min(heightPx, 20_000)));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const parts = [chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}

describe.each(databaseKinds)('media on %s', (kind) => {
  const suite = useCloud(kind);

  test('an image is checked, prepared for each size of screen and served by its hash', async () => {
    await putBox(suite.it);
    await putScreens(suite.it, [
      screen('lobby-1'),
      screen('door-1', { widthPx: 1080, heightPx: 1920 }),
      screen('menu-1', { widthPx: 1280, heightPx: 720 }),
    ]);
    const bytes = await picture(2560, 1440);
    const { status, body, sha256 } = await upload(suite.it, bytes);
    expect([status, body['code'] ?? null]).toEqual([200, null]);
    const row = mediaRowSchema.parse(body);
    expect(row).toMatchObject({ kind: 'image', mime: 'image/jpeg', widthPx: 2560, heightPx: 1440 });
    // A portrait screen needs 3413 x 1920 of it, which it has not: it takes the original.
    const sizes = row.renditions.map(({ widthPx, heightPx }) => [widthPx, heightPx]);
    expect(sizes).toEqual([
      [1280, 720],
      [1920, 1080],
    ]);
    for (const { sha256: name, sizeBytes } of [row, ...row.renditions]) {
      const got = await fetch(`${suite.it.cloud.url}/v1/media/${name}`);
      const file = Buffer.from(await got.arrayBuffer());
      expect([sha256Hex(file), file.length]).toEqual([name, sizeBytes]);
      expect(got.headers.get('cache-control')).toContain('immutable');
    }
    expect(sha256).toBe(row.sha256);
    expect((await contentOf(suite.it)).media).toEqual([row]);
  });

  test('a reader goes on where it was cut off', async () => {
    const bytes = await picture(640, 360);
    const { sha256 } = await upload(suite.it, bytes);
    const url = `${suite.it.cloud.url}/v1/media/${sha256}`;
    const range = async (value: string, more: Record<string, string> = {}) => {
      const got = await fetch(url, { headers: { range: value, ...more } });
      return { got, file: Buffer.from(await got.arrayBuffer()) };
    };
    const first = await range('bytes=0-999');
    expect(first.got.status).toBe(206);
    expect(first.got.headers.get('content-range')).toBe(`bytes 0-999/${bytes.length}`);
    const etag = first.got.headers.get('etag') ?? '';
    const rest = await range('bytes=1000-', { 'if-range': etag });
    expect(rest.got.status).toBe(206);
    expect(Buffer.concat([first.file, rest.file]).equals(bytes)).toBe(true);
    const beyond = await range(`bytes=${bytes.length}-`);
    expect(beyond.got.status).toBe(416);
    expect(beyond.got.headers.get('content-range')).toBe(`bytes */${bytes.length}`);
  });

  test('media that an item shows stays; removed, it is swept after a day', async () => {
    const { sha256 } = await upload(suite.it, await picture(320, 180));
    await putItem(suite.it, item('still', { kind: 'media', sha256 }));
    const remove = contentOperations.removeMedia;
    const named = { params: { theatreNo, sha256 } };
    expect(await refusal(suite.it.cloud, remove, named)).toMatchObject({ code: 'wrong-state' });
    const gone = { params: { theatreNo, itemId: 'still' } };
    await call(suite.it.cloud, contentOperations.removeItem, gone);
    expect(await suite.it.cloud.media.sweep()).toBe(0);
    expect(await call(suite.it.cloud, remove, named)).toEqual({ removed: true });
    const path = await suite.it.cloud.media.pathOf(sha256);
    const longAgo = new Date(suite.it.clock.nowMs() - 90_000_000);
    utimesSync(path, longAgo, longAgo);
    expect(await suite.it.cloud.media.sweep()).toBe(1);
    expect(filesIn(suite.it.mediaDir)).toEqual([]);
  });
});

describe('renditions follow the screens', () => {
  const suite = useCloud('sqlite');
  const row = async (): Promise<Media | undefined> => (await contentOf(suite.it)).media[0];

  test('a new size gets one, a size that is gone loses it', async () => {
    await putBox(suite.it);
    await upload(suite.it, await picture(2000, 1000));
    expect((await row())?.renditions).toEqual([]);
    await putScreens(suite.it, [screen('menu-1', { widthPx: 640, heightPx: 360 })]);
    await suite.it.cloud.media.settled();
    expect((await row())?.renditions).toMatchObject([{ widthPx: 720, heightPx: 360 }]);
    await putScreens(suite.it, [screen('lobby-1', { widthPx: 1280, heightPx: 640 })]);
    await suite.it.cloud.media.settled();
    expect((await row())?.renditions).toMatchObject([{ widthPx: 1280, heightPx: 640 }]);
  });

  test('the thumbprint is of the whole image, the same for all its versions', async () => {
    await putBox(suite.it);
    await putScreens(suite.it, [screen('menu-1', { widthPx: 360, heightPx: 640 })]);
    await upload(suite.it, await picture(1600, 900));
    const media = await row();
    // Sixteen cells a line: half of them #10, half of them #e0, give or take what JPEG does.
    const line = media?.thumbprint?.slice(0, 32) ?? '';
    const cells = line.match(/../g)?.map((hex) => Number.parseInt(hex, 16)) ?? [];
    expect(cells.length).toBe(16);
    for (const [at, cell] of cells.entries()) {
      expect(Math.abs(cell - (at < 8 ? 0x10 : 0xe0))).toBeLessThan(6);
    }
    const [version] = media?.renditions ?? [];
    const path = await suite.it.cloud.media.pathOf(version?.sha256 ?? '');
    const again = await upload(suite.it, readFileSync(path));
    const other = mediaRowSchema.parse(again.body).thumbprint?.slice(0, 32).match(/../g) ?? [];
    for (const [at, hex] of other.entries()) {
      expect(Math.abs(Number.parseInt(hex, 16) - (cells[at] ?? 0))).toBeLessThan(6);
    }
  });

  test('a photograph that lies on its side is taken as it is shown', async () => {
    const upright = await sharp(await picture(400, 200))
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const told = mediaRowSchema.parse((await upload(suite.it, upright)).body);
    expect([told.widthPx, told.heightPx]).toEqual([200, 400]);
  });
});

describe('files that are refused', () => {
  const suite = useCloud('sqlite');
  const refused = async (bytes: Uint8Array | string, sha256?: string) => {
    const { status, body } = await upload(suite.it, bytes, sha256);
    expect(filesIn(suite.it.mediaDir)).toEqual([]);
    return { status, code: body['code'], message: String(body['message']) };
  };

  test('bytes that are not those of the hash', async () => {
    const told = await refused(await picture(64, 36), 'a'.repeat(64));
    expect(told).toMatchObject({ status: 400, code: 'bad-request' });
    expect(told.message).toMatch(/have the SHA-256 [0-9a-f]{64}, not the path's/);
  });

  test('a small file that unpacks to a huge picture', async () => {
    const small = bomb(60_000, 60_000);
    expect(small.length).toBeLessThan(400_000);
    expect(await refused(small)).toMatchObject({ status: 413, code: 'image-too-large' });
  });

  test('a picture that is cut short, or whose bytes are damaged', async () => {
    const whole = await picture(640, 360);
    const cut = whole.subarray(0, whole.length / 2);
    expect(await refused(cut)).toMatchObject({ status: 422, code: 'image-unreadable' });
    const damaged = await sharp(whole).png().toBuffer();
    damaged.fill(0xaa, damaged.length / 2, damaged.length / 2 + 40);
    expect(await refused(damaged)).toMatchObject({ code: 'image-unreadable' });
  });

  test('what no screen can show, whatever it is called', async () => {
    expect(await refused('MZ program')).toMatchObject({ status: 422, code: 'image-unreadable' });
    expect(await refused('<svg xmlns="http://www.w3.org/2000/svg"/>')).toMatchObject({
      code: 'image-unreadable',
    });
    const latin = Buffer.from('<!doctype html><p>caf\xe9</p>', 'latin1');
    expect(await refused(latin)).toMatchObject({ code: 'image-unreadable' });
  });

  test('a body over the limit, with or without its length in the header', async () => {
    const large = Buffer.alloc(400_001, 1);
    expect(await refused(large)).toMatchObject({ status: 413, code: 'body-too-large' });
    const { hostname, port } = new URL(suite.it.cloud.url);
    const path = `/v1/theatres/${theatreNo}/media/${sha256Hex(large)}?name=x`;
    const status = await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${apiKey}`, 'transfer-encoding': 'chunked' };
      const sent = httpRequest({ hostname, port, path, method: 'PUT', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      sent.end(large);
    });
    expect(status).toBe(413);
  });
});

describe('a store that is full', () => {
  const suite = useCloud('sqlite');

  test('refuses the next file with what to do, and keeps those it has', async () => {
    let last = 200;
    let kept = 0;
    for (let n = 0; last === 200 && n < 20; n += 1) {
      // Noise does not compress: about 300 kB each.
      const noise = Buffer.from(
        Array.from({ length: 90_000 }, (_, at) => (at * 7919 * (n + 3)) % 251),
      );
      const raw = { raw: { width: 300, height: 100, channels: 3 as const } };
      const bytes = await sharp(noise, raw)
        .resize(420, 210)
        .png({ compressionLevel: 0 })
        .toBuffer();
      const { status, body } = await upload(suite.it, bytes);
      last = status;
      if (status === 200) kept += 1;
      else expect(body).toMatchObject({ code: 'disk-full' });
    }
    expect(last).toBe(507);
    expect((await contentOf(suite.it)).media.length).toBe(kept);
    expect(filesIn(suite.it.mediaDir).length).toBe(kept);
  });
});

describe('films and templates', () => {
  const suite = useCloud('sqlite');
  let dir = '';
  beforeEach(() => {
    dir = makeTempDir('film');
    mkdirSync(dir, { recursive: true });
  });
  afterEach(() => removeTempDir(dir));

  const film = (name: string, codec: string): Buffer => {
    const path = join(dir, name);
    const source = ['-f', 'lavfi', '-i', 'testsrc=duration=1.5:size=160x90:rate=10'];
    execFileSync('ffmpeg', ['-v', 'error', ...source, '-c:v', codec, '-pix_fmt', 'yuv420p', path]);
    return readFileSync(path);
  };

  test('tell their size and length', async () => {
    const films = [film('a.mp4', 'libx264'), film('a.webm', 'libvpx')];
    const rows = await Promise.all(films.map((bytes) => upload(suite.it, bytes)));
    expect(rows.map(({ body }) => body)).toMatchObject([
      { kind: 'video', mime: 'video/mp4', widthPx: 160, heightPx: 90, durationMs: 1500 },
      { kind: 'video', mime: 'video/webm', widthPx: 160, heightPx: 90, durationMs: 1500 },
    ]);
  });

  test('of a codec that no screen plays are refused with those that do', async () => {
    const { status, body } = await upload(suite.it, film('b.mp4', 'mpeg4'));
    expect([status, body['code']]).toEqual([422, 'image-unreadable']);
    expect(body['whatToDo']).toContain('H.264');
  });

  test('need ffprobe, and say so where it is not', async () => {
    const path = join(dir, 'a.mp4');
    film('a.mp4', 'libx264');
    const before = process.env['PATH'];
    process.env['PATH'] = dir;
    try {
      await expect(checkVideo(path, 'video/mp4')).rejects.toMatchObject({
        code: 'dependency-missing',
      });
    } finally {
      process.env['PATH'] = before;
    }
  });

  test('a template is served as bytes, never as a page of the cloud', async () => {
    const page = '<!doctype html><title>x</title><script>alert(1)</script>';
    const { body, sha256 } = await upload(suite.it, page);
    expect(body).toMatchObject({ kind: 'template', mime: 'text/html', widthPx: 0 });
    const got = await fetch(`${suite.it.cloud.url}/v1/media/${sha256}`);
    expect(got.headers.get('content-type')).toBe('application/octet-stream');
    expect(got.headers.get('content-security-policy')).toContain('sandbox');
    expect(got.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await got.text()).toBe(page);
    const wrong = item('x', { kind: 'media', sha256 });
    const put = { params: { theatreNo, itemId: 'x' }, body: wrong };
    expect(await refusal(suite.it.cloud, contentOperations.putItem, put)).toMatchObject({
      status: 400,
    });
    await putItem(suite.it, item('x', { kind: 'template', sha256 }));
  });
});
