/** GET S and S/content/v2: modules as multipart, the entry first, bytes untouched (wire.md 5.5, other-clients.md 6.2). */
import { type Random, toHex, utf8 } from "@corral/base";
import type { Content } from "@corral/control";

export interface Rendered {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** A service worker of one script is answered bare, with the content type it came with. */
export function renderContent(content: Content, random: Random): Rendered {
  const { manifest } = content;
  const modules = [...content.modules].toSorted(
    (one, other) => Number(other.name === manifest.mainModule) - Number(one.name === manifest.mainModule),
  );
  const [first] = modules;
  if (manifest.syntax === "service-worker" && first !== undefined && modules.length === 1) {
    return { bytes: Uint8Array.from(first.bytes), headers: { "content-type": first.contentType } };
  }
  const boundary = `----corral${toHex(random.bytes(16))}`;
  const pieces: Uint8Array[] = [];
  for (const module of modules) {
    const name = quote(module.name);
    pieces.push(
      utf8(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\nContent-Type: ${module.contentType}\r\n\r\n`,
      ),
      module.bytes,
      utf8("\r\n"),
    );
  }
  pieces.push(utf8(`--${boundary}--\r\n`));
  return {
    bytes: Uint8Array.from(Buffer.concat(pieces)),
    headers: {
      "content-type": `multipart/form-data; boundary=${boundary}`,
      // Old wranglers stop without it; a header takes no other characters.
      "cf-entrypoint": encodeURI(manifest.mainModule),
    },
  };
}

function quote(name: string): string {
  return name.replaceAll('"', "%22");
}
