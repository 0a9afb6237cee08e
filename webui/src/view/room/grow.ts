/** Makes a text area as high as its text, up to the limit that its style sets. */
export function grow(area: HTMLTextAreaElement): void {
  area.style.height = 'auto'
  area.style.height = `${area.scrollHeight + 2}px`
}
