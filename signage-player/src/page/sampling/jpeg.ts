const qualities = [0.62, 0.5, 0.4, 0.3, 0.2, 0.1];

/** The best JPEG of at most `maxBytes`, base64; null where even the worst is larger. */
export async function jpegOf(canvas: HTMLCanvasElement, maxBytes: number): Promise<string | null> {
  for (const quality of qualities) {
    const blob = await new Promise<Blob | null>((resolve) =>
      canvas.toBlob(resolve, 'image/jpeg', quality),
    );
    if (blob !== null && blob.size <= maxBytes) return base64(blob);
  }
  return null;
}

async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
