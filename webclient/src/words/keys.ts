// The shape of all words, apart from the words in use: the English ones, and the sentences, are checked against it.
import type { Zh } from './zh'

export type Language = 'zh' | 'en'
export type Messages = Shape<Zh>
export type Key = Leaf<Zh>

/** The same tree with any string in each leaf: what every further language has to be. */
type Shape<T> = { [K in keyof T]: T[K] extends string ? string : Shape<T[K]> }
type Leaf<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaf<T[K]>}` }[keyof T & string]
