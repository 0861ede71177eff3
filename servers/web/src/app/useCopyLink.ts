// The link to what is seen, put into the clipboard; it says when a colleague would not see the same.
import { App as Messages } from 'antd'
import { useWords } from '../language/words'
import { useAddress, writeAddress } from '../state/address'
import { frameWords } from './frameWords'

const LONG_S = 8

/** The link to the page as it is seen. */
export function linkToHere(): string {
  return `${location.origin}${location.pathname}?${writeAddress(useAddress.getState())}`
}

/** Whether the plan that is seen has changes which lie only in this browser. */
async function planIsUnsaved(): Promise<boolean> {
  if (useAddress.getState().panel !== 'plan') return false
  const { isDirty, useDraft } = await import('../planning/draft')
  const { current, drafts } = useDraft.getState()
  return current !== null && drafts[current] !== undefined && isDirty(drafts[current])
}

/** Copies the link and says what became of it. */
export function useCopyLink(): () => Promise<void> {
  const t = useWords(frameWords)
  const { message } = Messages.useApp()
  return async () => {
    try {
      await navigator.clipboard.writeText(linkToHere()) // first: browsers allow it only right after a click
    } catch {
      message.info(t('notShared')) // the browser gives no clipboard to this page
      return
    }
    if (await planIsUnsaved().catch(() => false)) message.warning(t('sharedUnsaved'), LONG_S)
    else message.success(t('shared'))
  }
}
