import { defineWords } from '../language/words'

export const problemWords = defineWords(
  {
    gone: 'The server does not answer', goneRemedy: 'Nothing you typed is lost. Start it with “make run”; the page reconnects by itself.',
    where: 'Where', expected: 'Expected', got: 'Got', remedy: 'What to do:', retry: 'Try again', retryNow: 'Try again now',
  },
  {
    gone: '服务器没有响应', goneRemedy: '已填写的内容不会丢失。请用 “make run” 启动服务，页面会自动重连。',
    where: '位置', expected: '应为', got: '实际', remedy: '处理办法：', retry: '重试', retryNow: '立即重试',
  },
)
