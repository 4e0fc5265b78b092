/**
 * Where a version key falls on the line from 0 to 100: FNV-1a over the Worker and the key, finished with Murmur3's mixer
 * because FNV's last characters hardly reach the high bits. The Worker is in it so that the same people are not the
 * first of every rollout. Changing this moves every key: it is part of what Corral promises.
 */
export function affinityPoint(workerId: string, key: string): number {
  let hash = fnv(0x811c9dc5, workerId);
  hash = fnv(hash, "\n");
  hash = fnv(hash, key);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return ((hash >>> 0) / 0x1_0000_0000) * 100;
}

function fnv(start: number, text: string): number {
  let hash = start;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
