// A copy of a frame in which shadow, glare and a washed-out print are gone: each pixel's distance from the mean around
// it, divided by the spread around it, after a blur that takes the sensor's noise. The twin of qr/reading.py.

export interface Pixels {
  data: Uint8ClampedArray<ArrayBuffer>
  width: number
  height: number
}

export function levelled({ data, width, height }: Pixels, sigma: number): Pixels {
  const grey = blurred(greyOf(data, width * height), width, height, sigma)
  // Wider than a module of a symbol that fills the picture, narrower than a shadow.
  const radius = Math.max(2, Math.floor(Math.max(width, height) / 24))
  return { data: spreadOut(grey, width, height, radius), width, height }
}

function greyOf(data: Uint8ClampedArray, count: number): Float32Array {
  const grey = new Float32Array(count)
  for (let i = 0, k = 0; i < count; i++, k += 4) grey[i] = 0.299 * data[k]! + 0.587 * data[k + 1]! + 0.114 * data[k + 2]!
  return grey
}

/** A Gaussian blur in two passes, rounded to whole greys; edges repeated. */
function blurred(grey: Float32Array, width: number, height: number, sigma: number): Uint8Array {
  const reach = Math.ceil(2 * sigma)
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const across = new Float32Array(grey.length)
  for (let y = 0; y < height; y++) {
    const row = y * width
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let i = -reach; i <= reach; i++) sum += grey[row + Math.min(width - 1, Math.max(0, x + i))]! * weights[i + reach]!
      across[row + x] = sum
    }
  }
  const out = new Uint8Array(grey.length)
  const scale = total * total
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let i = -reach; i <= reach; i++) sum += across[Math.min(height - 1, Math.max(0, y + i)) * width + x]! * weights[i + reach]!
      out[y * width + x] = Math.round(sum / scale)
    }
  }
  return out
}

/** Sums over the square around each pixel are carried along, one row and one column at a time. */
function spreadOut(grey: Uint8Array, width: number, height: number, radius: number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(4 * grey.length)
  const sums = new Float64Array(width)
  const squares = new Float64Array(width)
  const addRow = (y: number, sign: number) => {
    const row = Math.min(height - 1, Math.max(0, y)) * width
    for (let x = 0; x < width; x++) {
      const value = grey[row + x]!
      sums[x]! += sign * value
      squares[x]! += sign * value * value
    }
  }
  for (let y = -radius; y <= radius; y++) addRow(y, 1)
  const area = (2 * radius + 1) ** 2
  for (let y = 0; y < height; y++) {
    let sum = 0
    let square = 0
    for (let x = -radius; x <= radius; x++) {
      const column = Math.min(width - 1, Math.max(0, x))
      sum += sums[column]!
      square += squares[column]!
    }
    for (let x = 0; x < width; x++) {
      const mean = sum / area
      const spread = Math.sqrt(Math.max(1, square / area - mean * mean))
      const at = 4 * (y * width + x)
      out[at] = out[at + 1] = out[at + 2] = 128 + (64 * (grey[y * width + x]! - mean)) / spread
      out[at + 3] = 255
      const entering = Math.min(width - 1, x + radius + 1)
      const leaving = Math.max(0, x - radius)
      sum += sums[entering]! - sums[leaving]!
      square += squares[entering]! - squares[leaving]!
    }
    addRow(y - radius, -1)
    addRow(y + radius + 1, 1)
  }
  return out
}
