import { defineWords } from '../../language/words'

export const jobWords = defineWords(
  {
    jobs: 'Runs', waiting: 'waiting', running: 'running', successful: 'done', failed: 'failed', dismissed: 'cancelled', starting: 'starting…',
    position: 'number {position} in the queue', next: 'next in the queue', elapsed: '{time} so far', took: 'took {time}', remaining: 'about {time} left',
    cancel: 'Cancel', cancelWhat: 'Cancel: {what}', cancelSure: 'Stop it?', cancelYes: 'Stop', cancelNo: 'Go on', again: 'Run again', againPast: 'Go back to now to run it again.', show: 'Show result', showWhat: 'Show result: {what}',
    noJobs: 'Nothing has run yet', noJobsNext: 'Open a scene or a plan and start a run; its progress appears there and here.', underWay: 'Under way', earlier: 'Earlier',
    run: 'Run', comparison: 'Comparison', seed: 'seed {seed}', seeds: '{count} seeds', runsOf: 'Its runs ({done} of {all} done)', baseline: 'city as it is', against: '{plan} against {against}', progress: 'Progress of {what}',
    doneNow: '{what}: done', failedNow: '{what}: failed', moreJobs: 'Show more ({count})', runsDone: '{done} of {all} runs done', runs: 'Its runs', noReason: 'It failed without saying why.', noReasonRemedy: 'Run it again; if it fails again, look at the server’s log.',
  },
  {
    jobs: '运行', waiting: '排队中', running: '运行中', successful: '已完成', failed: '失败', dismissed: '已取消', starting: '正在启动…',
    position: '排在第 {position} 位', next: '即将开始', elapsed: '已用 {time}', took: '用时 {time}', remaining: '约剩 {time}',
    cancel: '取消', cancelWhat: '取消：{what}', cancelSure: '确定停止？', cancelYes: '停止', cancelNo: '继续运行', again: '重新运行', againPast: '回到现在才能重新运行。', show: '查看结果', showWhat: '查看结果：{what}',
    noJobs: '还没有运行记录', noJobsNext: '打开场景或方案即可开始运行，进度会显示在那里和此处。', underWay: '进行中', earlier: '以往',
    run: '单次运行', comparison: '对比', seed: '随机种子 {seed}', seeds: '{count} 个随机种子', runsOf: '其中各次运行（已完成 {done}/{all}）', baseline: '现状', against: '{plan} 对比 {against}', progress: '{what} 的进度',
    doneNow: '{what}：已完成', failedNow: '{what}：失败', moreJobs: '显示更多（{count}）', runsDone: '已完成 {done}/{all} 次运行', runs: '各次运行', noReason: '运行失败，未说明原因。', noReasonRemedy: '请重新运行；若仍失败，请查看服务器日志。',
  },
)
