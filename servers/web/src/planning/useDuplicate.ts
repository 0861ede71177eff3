// A copy of a saved plan under a free name; it is opened at once.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useWords } from '../language/words'
import { useAddress } from '../state/address'
import { useDraft } from './draft'
import { freeName } from './planNames'
import { duplicatePlan, planQuery, plansQuery } from './planQueries'
import { planWords } from './planWords'

export function useDuplicate() {
  const t = useWords(planWords)
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ name, title }: { name: string; title: string }) => {
      const taken = (await queries.fetchQuery({ ...plansQuery, staleTime: 0 })).map((one) => one.name)
      return duplicatePlan(name, freeName(name, taken), t('duplicateTitle', { title }))
    },
    onSuccess: (document) => {
      useDraft.getState().open(document)
      queries.setQueryData(planQuery(document.name).queryKey, document)
      void queries.invalidateQueries({ queryKey: plansQuery.queryKey, exact: true })
      useAddress.getState().go({ panel: 'plan', plan: document.name }, true)
    },
  })
}
