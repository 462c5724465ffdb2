const LONG_SIDE = 1600
const QUALITY = 0.8

/** Shrinks a photo so that it gets through a weak network; raises when the browser cannot read the image. */
export async function shrink(photo: Blob): Promise<ArrayBuffer> {
  const bitmap = await createImageBitmap(photo)
  const scale = Math.min(1, LONG_SIDE / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(bitmap.width * scale)
  canvas.height = Math.round(bitmap.height * scale)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
  if (!blob) throw new Error('the image could not be written')
  return blob.arrayBuffer()
}
