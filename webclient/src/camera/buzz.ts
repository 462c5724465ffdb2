/** A tremble in the hand. A page that nobody has tapped may not make one, and trying counts as an error of the page. */
export function buzz(...pattern: number[]): void {
  // Older browsers have neither; those without the one let every page do the other.
  if ((navigator.userActivation as UserActivation | undefined)?.hasBeenActive !== false) navigator.vibrate?.(pattern)
}
