import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { Themed } from './app/Themed'
import './app/app.css'
import { isTransient } from './server/client'

const queries = new QueryClient({
  defaultOptions: { queries: { retry: (count, fault) => count < 3 && isTransient(fault), staleTime: 30_000 } },
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Themed>
        <App />
      </Themed>
    </QueryClientProvider>
  </StrictMode>,
)
