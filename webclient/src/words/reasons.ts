// What happened and what to do next, for every reason the server may give, in Chinese; the English sentences come along
// only for who reads English. A reason without its sentence in either fails the type check.
import type { Reason } from '../api/reasons'

export { isReason } from '../api/reasons'
export { faultSays } from './faults'

export interface Words {
  /** What happened. */
  says: string
  /** What the reader can do now. */
  next: string
}

export const say = (says: string, next: string): Words => ({ says, next })

export const reasons: Record<Reason, Words> = {
  // Signing in and general answers
  not_signed_in: say('尚未登录。', '请登录后继续。'),
  token_expired: say('登录已过期。', '请重新登录，未上传的内容会保留。'),
  bad_credentials: say('账号或密码不正确。', '请核对后重试，连续输错会暂时锁定。'),
  locked_out: say('输错次数过多，账号已暂时锁定。', '请稍后再试，或请平台管理员重置密码。'),
  session_revoked: say('本设备的登录已被撤销。', '请重新登录；如非本人操作，请立即修改密码。'),
  password_too_weak: say('新密码过于简单。', '请使用不少于 10 位、含两类以上字符、不含账号名的密码。'),
  not_permitted: say('您的账号无权进行此操作。', '如工作需要，请联系本单位负责人或平台管理员。'),
  not_found: say('没有找到，或不在您的管辖范围内。', '请核对链接，或返回首页查找。'),
  method_not_allowed: say('服务器不支持此操作。', '请刷新页面，更新到最新版本后重试。'),
  invalid_input: say('填写的内容有误。', '请按提示修改后再提交。'),
  idempotency_key_missing: say('请求缺少防重标识。', '请刷新页面后重试。'),
  idempotency_key_reused: say('同一提交标识被用于不同内容。', '请重新填写并提交一次。'),
  id_reused: say('这个编号已用于另一条内容。', '请刷新页面后重新提交。'),
  told_once: say('一次性口令已经显示过，不再显示。', '如未记下，请重新生成一个。'),
  too_large: say('文件过大。', '请压缩或换一张较小的图片后重试。'),
  unsupported_type: say('服务器不接受这种格式的内容。', '请刷新页面，更新到最新版本后重试。'),
  too_many_requests: say('操作过于频繁。', '请稍等片刻再试。'),
  busy: say('服务器繁忙或正在维护。', '请稍后重试，已填写的内容不会丢失。'),
  internal_error: say('服务器出现意外错误。', '请稍后重试；若反复出现，请把请求编号告诉管理员。'),

  // Registration and approval
  unlisted_matter: say('所选事项不在公布的检查事项目录内。', '请改选目录内的检查事项。'),
  too_few_inspectors: say('执法人员不足两人。', '请再添加至少一名持有效执法证的人员。'),
  expired_certificate: say('有执法人员的执法证已过期。', '请更换人员，或先换发执法证。'),
  inspector_of_other_agency: say('所选执法人员不属于本单位或联合单位。', '请移除该人员，或把其所在单位加入联合检查。'),
  overdue_record: say('您有逾期未填的检查记录，暂不能登记新的检查。', '请先补齐逾期记录；紧急检查不受此限。'),
  bad_window: say('检查时间段不正确。', '结束须晚于开始，且不得早于当前时间。'),
  matter_missing: say('行政检查必须选择检查事项。', '请至少选择一项检查事项。'),
  service_visit_has_matters: say('走访服务不得带检查事项。', '请去掉检查事项，或改为行政检查。'),
  unknown_reference: say('所选的企业、单位、人员或事项不存在。', '请重新选择后提交。'),
  wrong_stage: say('该检查当前环节不能进行此操作。', '请刷新查看最新环节。'),
  already_decided: say('该登记已审批，不能重复审批。', '请刷新查看审批结果。'),
  not_your_agency: say('该检查不由您所在单位审批。', '请由相应单位负责人处理。'),
  reason_missing: say('必须说明理由。', '请填写理由后再提交。'),

  unknown_claim: say('所填的例外不适用于本次登记。', '请重新预判后再提交。'),
  not_authorised: say('本单位无权在该地检查所选事项。', '请改选本单位权责清单或赋权清单内的事项。'),
  too_many_helpers: say('辅助人员过多，或只有辅助人员。', '请减少辅助人员；辅助人员不得实施检查。'),
  off_site_possible: say('所选事项可以非现场检查。', '请改为非现场检查，或说明必须入企的理由。'),
  not_drawn: say('双随机检查的对象和人员须由抽取产生。', '请先完成随机抽取，再按结果登记。'),
  not_planned: say('本次检查不在已公布的年度计划内。', '请改选检查依据，或变更计划并重新备案。'),
  cap_reached: say('已达年度检查频次上限。', '请合并到其他检查，或选择例外并附证据，由他人批准。'),
  too_close_together: say('该企业近期检查过于密集。', '请改到下方建议的日期。'),
  repeated: say('本单位近期已检查过。', '请使用已有结果，或选择例外并附证据。'),
  result_reusable: say('已有可以互认的检查结果。', '请直接使用该结果。'),
  same_inspector: say('同一执法人员多次检查该企业未发现问题。', '请更换人员，或说明情况由负责人批准。'),
  not_rotated: say('上次检查的人员应当轮换。', '请更换执法人员。'),
  mergeable: say('可与其他单位的检查合并。', '请提议合并，或说明单独检查的理由。'),
  budget_spent: say('该企业今年的检查精力预算已用完。', '请合并检查，或改为非现场检查。'),
  quiet_day: say('所选日期是企业无扰日。', '请改到下方建议的日期，或选择例外并附证据。'),
  filed_too_late: say('登记时间距检查过近。', '请改到下方建议的日期。'),
  late_entry: say('检查已开始，超过可以补录的时限。', '请向负责人说明；不得先检查后登记。'),
  blocked: say('规则不允许本次检查。', '请查看下方各条判定。'),
  not_joinable: say('这次检查已不能合并。', '请单独登记，或选择其他计划中的检查。'),
  already_joined: say('本单位已在这次检查中。', '无需再次提议。'),
  head_must_propose: say('该检查已获批准，须由负责人提议合并。', '请由本单位负责人提议。'),
  tier_exists: say('该企业这一天已有分级。', '请改用另一天，或查看分级历史。'),
  quiet_days_spent: say('本月可自选的安静日已用完。', '请先取消一天，或改到下个月。'),
  quiet_day_too_soon: say('这一天太近，来不及设为安静日。', '请按本页写明的提前天数，选择更晚的日期。'),
  plan_exists: say('该年度的计划已存在。', '请打开已有的计划。'),
  plan_empty: say('计划中没有检查项目。', '请先添加项目。'),
  plan_stage: say('计划当前状态不能进行此操作。', '请刷新查看最新状态。'),
  change_needs_reason: say('计划已公布，变更须说明理由。', '请填写理由后再提交。'),
  draw_done: say('抽取已完成，不能重抽。', '请查看已公布的结果。'),
  draw_pool_too_small: say('抽取范围内的企业或执法人员不足。', '请扩大范围，或减少抽取数量。'),
  bad_pack: say('规则包有错误。', '请按下列提示修改。'),
  no_door: say('这是非现场检查，无需扫码。', '请直接填写检查记录。'),
  not_approved_yet: say('该检查尚未审批通过，不能填写记录。', '请联系单位负责人审批。'),
  penalty_needs_reason: say('所列问题属于首违不罚事项。', '请改为指导，或说明处罚的理由。'),
  no_materials_asked: say('这次检查没有要求提交材料。', '请查看检查通知。'),
  stale_code: say('这个码已过时。', '请对方刷新后重新扫码。'),
  used_code: say('这个码已用过一次。', '请等待对方的码更新后再扫。'),
  bad_phone_key: say('手机密钥无法识别。', '请更新浏览器后重试。'),
  phone_enrolled: say('这部手机已登记。', '无需再次登记。'),
  phones_full: say('可登记的手机已满。', '请先停用一部旧手机。'),
  owner_only: say('只有负责人可以管理其他手机。', '请由负责人操作。'),
  last_owner: say('这是唯一的负责人手机。', '请先把另一部手机设为负责人。'),
  bad_slip: say('一次码不正确。', '请核对纸上的 16 位字符后重新输入。'),
  slip_used: say('这张一次码已用过。', '请联系管理员重新领取。'),
  sms_off: say('本平台没有开通短信。', '请用激活码开通，或联系平台管理员领取激活码。'),
  bad_sms_code: say('短信验证码不正确或已过期。', '请核对 6 位数字；仍不行，请重新获取短信。'),
  not_an_inspector: say('此人不是本次检查登记的执法人员。', '请勿配合；可拨打 12345 核实，并点“不是这些人”。'),
  not_our_visit: say('这不是对贵企业的有效检查。', '请勿配合；可拨打 12345 核实。'),
  no_phone: say('这部手机尚未登记。', '请先在“我的手机”中登记。'),
  nobody_came: say('这次检查没有人到场。', '请查看检查的最新状态。'),
  already_seen: say('这条反馈已处理。', '请刷新查看结果。'),
  enterprise_exists: say('该企业已在平台上。', '请直接选择该企业。'),
  block_stands: say('仍有阻止条款未被解除，暂不能批准。', '请先处理例外申请。'),
  not_liftable: say('您不能解除这一条款。', '请由有权的人处理。'),
  own_registration: say('不能解除自己登记的检查。', '请由另一名有权人员处理。'),
  // Scans
  unknown_code: say('这不是入企码，也不是已登记企业的统一社会信用代码。', '请扫描企业公示的入企码，或核对后手动输入。'),
  forged_code: say('签名不符：此码是伪造或被篡改的。', '请勿据此开展检查；拍照留存，改用手动输入，并报告平台管理员。'),
  revoked_code: say('此企业码已作废。', '请扫描企业的新码；企业可联系管理员重新领取。'),
  other_enterprise: say('扫到的是另一家企业的码。', '请核对门牌与企业名称，到登记的企业扫码。'),
  not_approved: say('该检查尚未审批通过。', '请联系单位负责人审批后再扫码。'),
  outside_window: say('现在不在登记的检查时间段内。', '请在登记时间内扫码，或重新登记。'),
  not_on_visit: say('您不是本次检查登记的执法人员。', '请由登记的执法人员扫码。'),
  already_scanned: say('您已扫过码，无需重复。', '请直接填写检查记录。'),
  visit_closed: say('该检查已结束，不能再扫码。', '如需再次入企，请重新登记。'),
  bad_clock: say('手机时间与服务器相差过大。', '请把手机设为自动校时后重新扫码。'),
  withdrawal_too_late: say('已超过可撤回的时间。', '请在检查记录中说明情况。'),
  not_your_scan: say('只能撤回本人的扫码。', '请由扫码人本人撤回。'),
  already_withdrawn: say('该扫码已撤回。', '无需再次操作。'),

  // Record
  too_few_scans: say('扫码的执法人员人数不足。', '请其他执法人员先用本人账号扫码，再提交记录。'),
  not_on_site: say('尚未扫码入企，不能填写记录。', '请先在现场扫码。'),
  already_recorded: say('检查记录已提交并封存。', '如需更正，请使用“补正”。'),
  checklist_incomplete: say('检查清单有未作答的项目。', '请逐项选择“符合”“不符合”或“不适用”。'),
  service_visit_has_findings: say('走访服务不得记录问题或处理。', '请删除问题；如发现违法线索，请另行登记检查。'),
  foreign_answer: say('作答的项目不属于本次检查事项。', '请刷新页面后重新填写。'),
  unknown_evidence: say('有照片尚未上传成功。', '请在“待上传”中处理未成功的照片后重试。'),
  finding_missing: say('责令改正、立案调查或移送，必须写明发现的问题。', '请在“发现的问题”中填写。'),

  // Evaluation
  not_recorded: say('检查记录尚未提交，暂不能评价。', '记录提交后即可评价，届时会显示在首页。'),
  already_evaluated: say('您已评价过本次检查。', '每次检查只能评价一次，感谢您的反馈。'),
  evaluation_closed: say('评价期限已过。', '如有意见，请通过投诉渠道反映。'),
  enterprise_only: say('只有企业账号可以评价。', '请由企业使用自己的账号评价。'),

  // Files
  unreadable_image: say('无法读取这张图片。', '请换一张 JPEG、PNG 或 WebP 图片。'),
  unreadable_photo: say('读不出这张执法人员照片。', '请换一张 JPEG 或 PNG 证件照。'),
  no_code_in_image: say('图片中没有找到二维码。', '请靠近、对正、避免反光后重拍，或手动输入。'),
  unreadable_file: say('无法读取这个文件。', '请使用模板另存为 .xlsx 或 UTF-8 编码的 .csv 后重新上传。'),
  unknown_columns: say('文件缺少必需的列。', '请下载模板，按模板列名整理后上传。'),
  glyph_missing: say('企业名称中有字体不支持的字。', '请先核对名称用字，再印制。'),
  plaque_revoked: say('该企业码已作废。', '请使用企业当前有效的码。'),
  plaque_not_lost: say('这块码牌没有挂失。', '请确认编号是否正确。'),
}
